package platforms_test

import (
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// kustomization has the fields of a kustomization that are used.
type kustomization struct {
	APIVersion, Kind string
	Resources        []string
	Images           []struct{ Name, NewName, NewTag string }
}

// cluster is everything that would be applied.
type cluster struct {
	configs     []corev1.ConfigMap
	deployments []appsv1.Deployment
	services    []corev1.Service
	volumes     []corev1.PersistentVolumeClaim
	scalers     []autoscalingv2.HorizontalPodAutoscaler
	budgets     []policyv1.PodDisruptionBudget
	ingresses   []networkingv1.Ingress
	jobs        []batchv1.Job
}

func strict[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := yaml.UnmarshalStrict([]byte(text), &value); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return value
}

// apply reads the manifests of a kustomization with Kubernetes' own types.
func (c *cluster) apply(t *testing.T, a application, dir string) {
	t.Helper()
	k := strict[kustomization](t, a.read(t, path.Join(dir, "kustomization.yaml")))
	if k.Kind != "Kustomization" || len(k.Images) != 1 || k.Images[0].Name != "shop" || k.Images[0].NewName != "registry.example.org/me/shop" {
		t.Errorf("%+v", k)
	}
	for _, file := range k.Resources {
		for _, text := range strings.Split(a.read(t, path.Join(dir, file)), "\n---\n") {
			var kind struct{ APIVersion, Kind string }
			if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
				t.Fatal(err)
			}
			switch kind.APIVersion + " " + kind.Kind {
			case "v1 ConfigMap":
				c.configs = append(c.configs, strict[corev1.ConfigMap](t, text))
			case "apps/v1 Deployment":
				c.deployments = append(c.deployments, strict[appsv1.Deployment](t, text))
			case "v1 Service":
				c.services = append(c.services, strict[corev1.Service](t, text))
			case "v1 PersistentVolumeClaim":
				c.volumes = append(c.volumes, strict[corev1.PersistentVolumeClaim](t, text))
			case "autoscaling/v2 HorizontalPodAutoscaler":
				c.scalers = append(c.scalers, strict[autoscalingv2.HorizontalPodAutoscaler](t, text))
			case "policy/v1 PodDisruptionBudget":
				c.budgets = append(c.budgets, strict[policyv1.PodDisruptionBudget](t, text))
			case "networking.k8s.io/v1 Ingress":
				c.ingresses = append(c.ingresses, strict[networkingv1.Ingress](t, text))
			case "batch/v1 Job":
				c.jobs = append(c.jobs, strict[batchv1.Job](t, text))
			default:
				t.Errorf("%s has a %+v", file, kind)
			}
		}
	}
}

func readKubernetes(t *testing.T, a application) []process {
	t.Helper()
	var c cluster
	c.apply(t, a, "deploy/kubernetes")
	if a.has("deploy/kubernetes/migrate/kustomization.yaml") {
		c.apply(t, a, "deploy/kubernetes/migrate")
	}
	var processes []process
	for _, d := range c.deployments {
		pod := d.Spec.Template.Spec
		for _, init := range pod.InitContainers {
			processes = append(processes, c.process(t, init, pod))
		}
		p := c.process(t, pod.Containers[0], pod)
		if deadline := d.Spec.ProgressDeadlineSeconds; deadline != nil {
			p.patience = time.Duration(*deadline) * time.Second
		}
		processes = append(processes, p)
	}
	for _, job := range c.jobs {
		processes = append(processes, c.process(t, job.Spec.Template.Spec.Containers[0], job.Spec.Template.Spec))
	}
	c.checkReferences(t, a)
	return processes
}

// process returns what the pod's container says.
func (c cluster) process(t *testing.T, container corev1.Container, pod corev1.PodSpec) process {
	t.Helper()
	p := process{role: container.Name, env: map[string]string{}, grace: time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second}
	if len(container.Command) < 2 || container.Command[0] != "./app" {
		t.Fatalf("the command is %v", container.Command)
	}
	p.command = container.Command[1:]
	for _, from := range container.EnvFrom {
		if from.ConfigMapRef == nil || from.ConfigMapRef.Name != c.configs[0].Name {
			t.Fatalf("variables come from %+v", from)
		}
		for name, value := range c.configs[0].Data {
			p.env[name] = value
		}
	}
	for _, v := range container.Env {
		if v.ValueFrom == nil || v.ValueFrom.SecretKeyRef == nil || v.ValueFrom.SecretKeyRef.Key != v.Name {
			t.Fatalf("%s is %+v", v.Name, v)
		}
		p.env[v.Name] = "(secret)"
	}
	if len(container.Ports) > 0 {
		p.port = int(container.Ports[0].ContainerPort)
	}
	for _, probe := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
		if probe == nil {
			continue
		}
		if probe.HTTPGet.Port.StrVal != container.Ports[0].Name {
			t.Errorf("a probe asks port %v", probe.HTTPGet.Port)
		}
		p.probes = append(p.probes, probe.HTTPGet.Path)
	}
	// A process that waits for the lock, or migrates, lives and is not ready.
	if p.role == "web" && !slices.Equal(p.probes, []string{"/_kit/live", "/_kit/live", "/_kit/ready"}) {
		t.Errorf("the probes are %v", p.probes)
	}
	if s := container.SecurityContext; !*pod.SecurityContext.RunAsNonRoot || *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem {
		t.Errorf("%s may do too much: %+v", p.role, s)
	}
	for _, mount := range container.VolumeMounts {
		if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name }) {
			t.Errorf("there is no volume %s", mount.Name)
		}
	}
	return p
}

// checkReferences makes sure that what refers to something finds it.
func (c cluster) checkReferences(t *testing.T, a application) {
	t.Helper()
	web := c.deployments[slices.IndexFunc(c.deployments, func(d appsv1.Deployment) bool { return d.Spec.Template.Spec.Containers[0].Name == "web" })]
	for _, d := range c.deployments {
		if !matches(d.Spec.Selector.MatchLabels, d.Spec.Template.Labels) {
			t.Errorf("%s does not select its pods", d.Name)
		}
		if selected := matches(c.services[0].Spec.Selector, d.Spec.Template.Labels); selected != (d.Name == web.Name) {
			t.Errorf("the service selects %s: %v", d.Name, selected)
		}
	}
	for _, job := range c.jobs {
		if matches(c.services[0].Spec.Selector, job.Spec.Template.Labels) {
			t.Error("the service selects the migrations")
		}
	}
	backend := c.ingresses[0].Spec.Rules[0].HTTP.Paths[0].Backend.Service
	if c.ingresses[0].Spec.Rules[0].Host != "shop.example.org" || backend.Name != c.services[0].Name || backend.Port.Name != c.services[0].Spec.Ports[0].Name {
		t.Errorf("the ingress leads to %+v", backend)
	}
	if port := c.services[0].Spec.Ports[0].TargetPort.StrVal; port != web.Spec.Template.Spec.Containers[0].Ports[0].Name {
		t.Errorf("the service leads to port %s", port)
	}
	sqlite := strings.HasPrefix(c.configs[0].Data["DATABASE_URL"], "sqlite:")
	if sqlite {
		// Two instances would not see each other's writes.
		if *web.Spec.Replicas != 1 || web.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType || len(c.scalers) > 0 || len(c.deployments) != 1 ||
			len(c.volumes) != 1 || web.Spec.Template.Spec.Volumes[1].PersistentVolumeClaim.ClaimName != c.volumes[0].Name ||
			!strings.HasPrefix(c.configs[0].Data["DATABASE_URL"], "sqlite://"+web.Spec.Template.Spec.Containers[0].VolumeMounts[1].MountPath+"/") {
			t.Errorf("with SQLite: %+v", web.Spec)
		}
		return
	}
	if len(c.scalers) != 1 || c.scalers[0].Spec.ScaleTargetRef.Name != web.Name || *c.scalers[0].Spec.MinReplicas < 2 || web.Spec.Replicas != nil {
		t.Errorf("%+v", c.scalers)
	}
	if len(c.budgets) != 1 || !matches(c.budgets[0].Spec.Selector.MatchLabels, web.Spec.Template.Labels) {
		t.Errorf("%+v", c.budgets)
	}
	if web.Spec.Strategy.RollingUpdate.MaxUnavailable.IntVal != 0 {
		t.Errorf("%+v", web.Spec.Strategy)
	}
}

func matches(selector, labels map[string]string) bool {
	for name, value := range selector {
		if labels[name] != value {
			return false
		}
	}
	return len(selector) > 0
}
