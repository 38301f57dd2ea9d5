import './app.css'
import { createInertiaApp, router } from '@inertiajs/react'
import { reloadWhenOutdated } from './reload'

// The server's document has the name of the application as its title.
const appName = document.title

reloadWhenOutdated()

void createInertiaApp({
  pages: './pages',
  title: (title) => (title ? `${title} · ${appName}` : appName),
  progress: { color: '#e11d48' },
})

// `kit serve` has a new program: the page asks for its props again, and what was typed
// stays. Without this the browser would load the page anew.
if (import.meta.env.DEV) {
  window.addEventListener('kit:update', (event) => {
    event.preventDefault()
    router.reload()
  })
}
