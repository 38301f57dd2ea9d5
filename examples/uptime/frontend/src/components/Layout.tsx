import { Link, usePage } from '@inertiajs/react'
import type { ReactNode } from 'react'
import { route } from '../generated/routes'

const item =
  'cursor-pointer rounded-full px-4 py-1.5 text-sm font-medium text-stone-600 hover:text-stone-950 focus-visible:outline-2 focus-visible:outline-emerald-600 aria-[current=page]:bg-stone-200/70 aria-[current=page]:text-stone-950 dark:text-stone-400 dark:hover:text-white dark:aria-[current=page]:bg-stone-800 dark:aria-[current=page]:text-white'

/** Frames every page: navigation above, and what the last form had to say. */
export default function Layout({ children }: { children: ReactNode }) {
  const { url, props, flash } = usePage()
  const path = url.split('?')[0]
  const current = (href: string) => (path === href ? 'page' : undefined)
  return (
    <div className="min-h-screen bg-stone-50 text-stone-800 antialiased dark:bg-stone-950 dark:text-stone-200">
      <header className="mx-auto w-full max-w-4xl px-6 py-6">
        <nav aria-label="Main" className="flex gap-1">
          <Link href={route('status')} aria-current={current('/')} className={item}>
            Status
          </Link>
          {props.signedIn ? (
            <>
              <Link href={route('sites.index')} aria-current={current('/sites')} className={item}>
                Sites
              </Link>
              <Link href={route('sign-out')} as="button" className={`${item} ml-auto`}>
                Sign out
              </Link>
            </>
          ) : (
            <Link href={route('sign-in')} aria-current={current('/sign-in')} className={`${item} ml-auto`}>
              Sign in
            </Link>
          )}
        </nav>
      </header>
      <main className="mx-auto w-full max-w-4xl px-6 pt-4 pb-16">
        {flash.message && (
          <p role="status" className="mb-6 rounded-2xl bg-emerald-100 px-5 py-3 text-sm text-emerald-900 dark:bg-emerald-950 dark:text-emerald-200">
            {flash.message}
          </p>
        )}
        {children}
      </main>
    </div>
  )
}
