import type { Slot } from '../generated/types'

/** A bar for each span of time: its height is the response time, its colour what happened. */
export default function Bars({ slots, label, height }: { slots: Slot[]; label: string; height: number }) {
  const most = Math.max(1, ...slots.map((slot) => slot.milliseconds))
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${slots.length * 4} ${height}`}
      preserveAspectRatio="none"
      className="block w-full"
      style={{ height }}
    >
      {slots.map((slot, i) => {
        const part = slot.checks === 0 ? 0.04 : slot.checks === slot.failed ? 1 : Math.max(0.08, slot.milliseconds / most)
        return (
          <rect key={slot.begin} x={i * 4} y={height * (1 - part)} width={3} height={height * part} rx={0.8} className={color(slot)}>
            <title>{describe(slot)}</title>
          </rect>
        )
      })}
    </svg>
  )
}

function color({ checks, failed }: Slot): string {
  if (checks === 0) return 'fill-stone-300 dark:fill-stone-700'
  if (failed === 0) return 'fill-emerald-500'
  return failed === checks ? 'fill-rose-600' : 'fill-amber-500'
}

function describe({ begin, checks, failed, milliseconds }: Slot): string {
  const time = new Date(begin).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  if (checks === 0) return `${time}: not asked`
  if (failed === checks) return `${time}: down`
  return `${time}: ${milliseconds} ms${failed > 0 ? `, ${failed} of ${checks} checks failed` : ''}`
}
