import type { ComponentProps } from 'react'

type Props = ComponentProps<'input'> & { name: string; label: string; error?: string }

/** A labelled input, with what is wrong about it. */
export function Field({ label, error, ...input }: Props) {
  return (
    <label className="block flex-1 text-sm font-medium">
      {label}
      <input
        {...input}
        aria-invalid={!!error}
        aria-describedby={error && `${input.name}-error`}
        className="mt-1 block w-full rounded-xl border border-stone-300 bg-white px-3 py-2 font-normal focus-visible:outline-2 focus-visible:outline-emerald-600 aria-invalid:border-rose-500 dark:border-stone-700 dark:bg-stone-950"
      />
      {error && (
        <span id={`${input.name}-error`} className="mt-1 block font-normal text-rose-600 dark:text-rose-400">
          {error}
        </span>
      )}
    </label>
  )
}

export function Button({ className = '', ...props }: ComponentProps<'button'>) {
  return (
    <button
      {...props}
      className={`cursor-pointer rounded-full bg-emerald-700 px-5 py-2 text-sm font-medium text-white hover:bg-emerald-800 focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-emerald-600 disabled:opacity-50 ${className}`}
    />
  )
}
