package gocode

import "go/ast"

// Receiver returns the receiver of the method, by its name and type; not ok if the function
// is none, or the receiver has no name.
func (fn *Func) Receiver() (name, receiver string, ok bool) {
	l, err := fn.locate()
	if err != nil || l.receiver == nil || len(l.receiver.List) != 1 || len(l.receiver.List[0].Names) == 0 {
		return "", "", false
	}
	name = l.receiver.List[0].Names[0].Name
	if fn.receiver == "" || name == "_" {
		return "", "", false
	}
	return name, fn.receiver, true
}

// FindField reads the files of a package, without its tests, and returns the first field
// of a struct that has a type. It is "" if there is none.
func FindField(dir, structure string, typ Type) (string, error) {
	files, err := sources(dir)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if name := f.field(structure, typ); name != "" {
			return name, nil
		}
	}
	return "", nil
}

// field returns the first field of a struct that has a type.
func (f *File) field(structure string, typ Type) string {
	_, file, err := f.parse()
	if err != nil {
		return ""
	}
	var name string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != structure {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, field := range fields.Fields.List {
			if name == "" && len(field.Names) > 0 && isType(file, field.Type, typ) {
				name = field.Names[0].Name
			}
		}
		return false
	})
	return name
}

// Methods reads the files of a package, without its tests, and returns the names of the
// methods of a type.
func Methods(dir, typ string) ([]string, error) {
	files, err := sources(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range files {
		for _, d := range f.functions() {
			if d.Recv != nil && receiverType(d) == typ {
				names = append(names, d.Name.Name)
			}
		}
	}
	return names, nil
}
