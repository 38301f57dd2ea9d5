import { Head, router, useForm, usePoll } from '@inertiajs/react'
import type { FormEvent } from 'react'
import Bars from '../../components/Bars'
import Card from '../../components/Card'
import { Button, Field } from '../../components/Field'
import Incidents from '../../components/Incidents'
import Layout from '../../components/Layout'
import State, { Availability } from '../../components/State'
import { route } from '../../generated/routes'
import type { PageProps, SiteChange } from '../../generated/types'

export default function Show({ id, name, url, state, availability, day, incidents }: PageProps<'Sites/Show'>) {
  usePoll(30_000, { only: ['state', 'availability', 'day', 'incidents'] })

  const form = useForm<SiteChange>(route('sites.update', { id }), { name, url })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    form.submit({ preserveScroll: true })
  }
  const remove = () => {
    if (confirm(`Stop watching ${name}, and forget what is known about it?`)) router.visit(route('sites.destroy', { id }))
  }
  const slowest = Math.max(0, ...day.map(({ milliseconds }) => milliseconds))
  return (
    <Layout>
      <Head title={name} />
      <div className="flex flex-wrap items-baseline justify-between gap-4">
        <h1 className="text-3xl font-semibold tracking-tight text-stone-950 dark:text-white">{name}</h1>
        <State state={state} />
      </div>
      <p className="mt-1 text-stone-500 dark:text-stone-400">{url}</p>

      <Card title="Response time, the last 24 hours">
        <Bars slots={day} label={`Response times of ${name} in the last 24 hours`} height={140} />
        <div className="mt-2 flex justify-between text-sm text-stone-500 dark:text-stone-400">
          <span>at most {slowest} ms</span>
          {availability !== null && (
            <span>
              <Availability percent={availability} /> up
            </span>
          )}
        </div>
      </Card>

      <Card title="Incidents">
        <Incidents incidents={incidents} withSite={false} />
      </Card>

      <Card title="Settings">
        <form onSubmit={submit} className="flex flex-col gap-4 sm:flex-row sm:items-start">
          <Field
            name="name"
            label="Name"
            value={form.data.name}
            onChange={(event) => form.setData('name', event.target.value)}
            error={form.errors.name}
          />
          <Field
            name="url"
            label="Address"
            value={form.data.url}
            onChange={(event) => form.setData('url', event.target.value)}
            error={form.errors.url}
          />
          <Button disabled={form.processing} className="sm:mt-6">
            Save
          </Button>
        </form>
        <button onClick={remove} className="mt-6 cursor-pointer text-sm text-rose-600 hover:underline dark:text-rose-400">
          Stop watching
        </button>
      </Card>
    </Layout>
  )
}
