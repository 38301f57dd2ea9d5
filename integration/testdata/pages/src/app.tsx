import './app.css'
import { createInertiaApp, router } from '@inertiajs/react'
import { Failure } from './components/Failure'
import { reloadWhenOutdated } from './reload'

declare global {
  interface Window {
    router: typeof router
    seen: string[]
  }
}

// What the tests drive the client with, and what it told.
window.router = router
window.seen = []
router.on('error', () => void window.seen.push('error'))
router.on('flash', ({ detail }) => void window.seen.push(`flash ${JSON.stringify(detail.flash)}`))
router.on('prefetched', ({ detail }) => void window.seen.push(`prefetched ${detail.visit.url.pathname}`))
router.on('networkError', () => {
  window.seen.push('networkError')
  return false
})

reloadWhenOutdated()

void createInertiaApp({ pages: './pages', strictMode: true, withApp: (app) => <Failure>{app}</Failure> })
