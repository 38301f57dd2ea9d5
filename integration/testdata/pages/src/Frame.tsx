import { Link, usePage } from '@inertiajs/react'
import { type ReactNode, useState } from 'react'

/** Shows what a page got, some state of its own, and links. */
export default function Frame({ children }: { children?: ReactNode }) {
  const { component, props, url, flash, rescuedProps } = usePage()
  const [clicks, setClicks] = useState(0)
  return (
    <>
      <nav>
        <Link id="to-props" href="/props">
          Props
        </Link>{' '}
        <Link id="to-other" href="/other">
          Other
        </Link>{' '}
        <button id="local" onClick={() => setClicks(clicks + 1)}>
          {clicks}
        </button>
      </nav>
      <pre id="page">{JSON.stringify({ component, props, url, flash, rescuedProps })}</pre>
      <main>{children}</main>
    </>
  )
}
