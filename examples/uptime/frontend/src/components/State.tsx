import type { State as StateName } from '../generated/types'

const states: Record<StateName, { text: string; color: string }> = {
  up: { text: 'Up', color: 'bg-emerald-500' },
  down: { text: 'Down', color: 'bg-rose-600' },
  unknown: { text: 'Not asked yet', color: 'bg-stone-400' },
}

/** A dot and a word. */
export default function State({ state }: { state: StateName }) {
  const { text, color } = states[state]
  return (
    <span className="inline-flex items-center gap-2 text-sm">
      <span className={`size-2.5 rounded-full ${color}`} />
      {text}
    </span>
  )
}

/** The part of the checks that found a site up. */
export function Availability({ percent }: { percent: number | null }) {
  if (percent === null) return null
  // 99.96 is not 100.
  return <>{percent === 100 ? '100' : Math.min(percent, 99.9).toFixed(1)} %</>
}
