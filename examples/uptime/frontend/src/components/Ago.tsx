import { useEffect, useState } from 'react'

const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

function ago(seconds: number): string {
  if (seconds < 5) return 'just now'
  if (seconds < 60) return format.format(-Math.round(seconds), 'second')
  if (seconds < 3600) return format.format(-Math.round(seconds / 60), 'minute')
  return format.format(-Math.round(seconds / 3600), 'hour')
}

/** Shows how long ago an RFC 3339 time was, and keeps that current. */
export default function Ago({ time }: { time: string }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [time])
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {ago((now - Date.parse(time)) / 1000)}
    </time>
  )
}
