import { Head, Link, useForm } from '@inertiajs/react'
import type { FormEvent } from 'react'
import Card from '../../components/Card'
import { Button, Field } from '../../components/Field'
import Layout from '../../components/Layout'
import State, { Availability } from '../../components/State'
import { route } from '../../generated/routes'
import type { PageProps, SiteForm } from '../../generated/types'

export default function Index({ sites: all }: PageProps<'Sites/Index'>) {
  const sites = all ?? []
  const form = useForm<SiteForm>(route('sites.store'), { name: '', url: '' })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    form.submit({ onSuccess: () => form.reset() })
  }
  return (
    <Layout>
      <Head title="Sites" />
      <h1 className="text-3xl font-semibold tracking-tight text-stone-950 dark:text-white">Sites</h1>

      {sites.length > 0 && (
        <Card>
          <table className="w-full text-left">
            <thead className="text-sm text-stone-500 dark:text-stone-400">
              <tr>
                <th className="pb-2 font-medium">Name</th>
                <th className="pb-2 font-medium">State</th>
                <th className="pb-2 text-right font-medium">24 hours</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-stone-200 dark:divide-stone-800">
              {sites.map(({ id, name, state, availability }) => (
                <tr key={id}>
                  <td className="py-3">
                    <Link href={route('sites.show', { id })} className="font-medium text-stone-950 underline-offset-4 hover:underline dark:text-white">
                      {name}
                    </Link>
                  </td>
                  <td>
                    <State state={state} />
                  </td>
                  <td className="text-right tabular-nums">
                    <Availability percent={availability} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
      )}

      <Card title="Watch a site">
        <form onSubmit={submit} className="flex flex-col gap-4 sm:flex-row sm:items-start">
          <Field
            name="name"
            label="Name"
            value={form.data.name}
            onChange={(event) => form.setData('name', event.target.value)}
            error={form.errors.name}
          />
          <Field
            name="url"
            label="Address"
            placeholder="https://example.com"
            value={form.data.url}
            onChange={(event) => form.setData('url', event.target.value)}
            error={form.errors.url}
          />
          <Button disabled={form.processing} className="sm:mt-6">
            Watch
          </Button>
        </form>
      </Card>
    </Layout>
  )
}
