import { Head, router } from '@inertiajs/react'
import { useEffect } from 'react'
import Bars from '../components/Bars'
import Card from '../components/Card'
import Incidents from '../components/Incidents'
import Layout from '../components/Layout'
import State, { Availability } from '../components/State'
import { route } from '../generated/routes'
import type { PageProps } from '../generated/types'

export default function Status({ sites: all, incidents }: PageProps<'Status'>) {
  const sites = all ?? []
  // The server says when there is something new. A connection that broke is made again by
  // the browser.
  useEffect(() => {
    const events = new EventSource(route('status.live').url)
    events.onmessage = () => router.reload({ only: ['sites', 'incidents'] })
    return () => events.close()
  }, [])

  const down = sites.filter(({ state }) => state === 'down')
  return (
    <Layout>
      <Head title="Status" />
      <h1
        aria-live="polite"
        className={`rounded-3xl px-6 py-8 text-3xl font-semibold tracking-tight text-white shadow-sm sm:px-8 ${down.length > 0 ? 'bg-rose-700' : 'bg-emerald-700'}`}
      >
        {summary(sites.length, down.map(({ name }) => name))}
      </h1>

      {sites.map(({ id, name, state, availability, history }) => (
        <Card key={id}>
          <div className="mb-4 flex flex-wrap items-baseline justify-between gap-x-6">
            <h2 className="font-semibold text-stone-950 dark:text-white">{name}</h2>
            <State state={state} />
          </div>
          <Bars slots={history} label={`Response times of ${name} in the last hour`} height={40} />
          <div className="mt-2 flex justify-between text-sm text-stone-500 dark:text-stone-400">
            <span>the last hour</span>
            {availability !== null && (
              <span>
                <Availability percent={availability} /> in 24 hours
              </span>
            )}
          </div>
        </Card>
      ))}

      <Card title="Incidents">
        <Incidents incidents={incidents} withSite />
      </Card>
    </Layout>
  )
}

function summary(count: number, down: string[]): string {
  if (count === 0) return 'No site is watched yet'
  if (down.length === 0) return 'Everything is up'
  return down.length === 1 ? `${down[0]} is down` : `${down.length} of ${count} sites are down`
}
