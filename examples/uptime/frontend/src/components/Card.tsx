import type { ReactNode } from 'react'

/** A white sheet with a heading. */
export default function Card({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className="mt-6 rounded-3xl border border-stone-200 bg-white p-6 shadow-sm sm:p-8 dark:border-stone-800 dark:bg-stone-900">
      {title && <h2 className="mb-4 font-semibold text-stone-950 dark:text-white">{title}</h2>}
      {children}
    </section>
  )
}
