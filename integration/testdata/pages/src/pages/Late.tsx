import { lazy, Suspense, useState } from 'react'
import Frame from '../Frame'

const Later = lazy(() => import('../Later'))

export default function Late() {
  const [shown, show] = useState(false)
  return (
    <Frame>
      <button id="show" onClick={() => show(true)}>
        Show
      </button>
      {shown && (
        <Suspense fallback={<p>…</p>}>
          <Later />
        </Suspense>
      )}
    </Frame>
  )
}
