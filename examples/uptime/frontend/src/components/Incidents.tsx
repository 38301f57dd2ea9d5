import type { Incident } from '../generated/types'
import Ago from './Ago'

/** The newest incidents, each with how long it took. */
export default function Incidents({ incidents, withSite }: { incidents: Incident[] | null; withSite: boolean }) {
  if (!incidents?.length) return <p className="text-stone-500 dark:text-stone-400">None.</p>
  return (
    <ul className="divide-y divide-stone-200 dark:divide-stone-800">
      {incidents.map(({ id, site, cause, openedAt, closedAt }) => (
        <li key={id} className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 py-3 first:pt-0 last:pb-0">
          <div>
            <span className={closedAt ? '' : 'font-medium text-rose-600 dark:text-rose-400'}>
              {withSite && `${site} `}
              {closedAt ? `was down for ${span(openedAt, closedAt)}` : 'is down'}
            </span>
            {cause && <span className="ml-2 text-sm text-stone-500 dark:text-stone-400">{cause}</span>}
          </div>
          <span className="text-sm text-stone-500 dark:text-stone-400">
            <Ago time={openedAt} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function span(from: string, to: string): string {
  const minutes = Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 60_000))
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
