import { Deferred, usePage } from '@inertiajs/react'
import Frame from '../Frame'

export default function DeferredPage() {
  return (
    <Frame>
      <Deferred data="left" fallback={<p id="left-waits">…</p>}>
        <Show name="left" />
      </Deferred>
      <Deferred data="right" fallback={<p id="right-waits">…</p>}>
        <Show name="right" />
      </Deferred>
      <Deferred data="broken" fallback={<p>…</p>} rescue={<p id="rescued">not today</p>}>
        <Show name="broken" />
      </Deferred>
    </Frame>
  )
}

function Show({ name }: { name: string }) {
  return <p id={name}>{String(usePage().props[name])}</p>
}
