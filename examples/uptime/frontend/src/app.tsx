import './app.css'
import { createInertiaApp, router } from '@inertiajs/react'
import { Failure } from './components/Failure'
import { reloadWhenOutdated } from './reload'

// The server's document has the name of the application as its title.
const appName = document.title

reloadWhenOutdated()

void createInertiaApp({
  pages: './pages',
  title: (title) => (title ? `${title} · ${appName}` : appName),
  progress: { color: '#e11d48' },
  // In development Vite's overlay shows a page that throws.
  withApp: (app) => (import.meta.env.DEV ? app : <Failure>{app}</Failure>),
})

// `kit serve` has a new program: the page asks for its props again, and what was typed
// stays. Without this the browser would load the page anew.
if (import.meta.env.DEV) {
  window.addEventListener('kit:update', (event) => {
    event.preventDefault()
    router.reload()
  })
}
