import { router } from '@inertiajs/react'

const key = 'kit:reloaded'

/**
 * Loads the page anew when a part of it is gone from the server: it was opened long
 * ago, and belongs to a release that the server no longer keeps. Not twice in ten
 * seconds, so that a part which cannot be loaded at all does not reload for ever.
 */
export function reloadWhenOutdated(): void {
  let target: URL | undefined // of the visit under way, if it only reads
  router.on('start', ({ detail: { visit } }) => {
    target = visit.method === 'get' && !visit.prefetch ? visit.url : undefined
  })
  router.on('navigate', () => {
    target = undefined
  })
  window.addEventListener('vite:preloadError', () => {
    if (Date.now() - Number(sessionStorage.getItem(key)) < 10_000) return
    sessionStorage.setItem(key, String(Date.now()))
    if (target && target.href !== location.href) location.assign(target)
    else location.reload()
  })
}
