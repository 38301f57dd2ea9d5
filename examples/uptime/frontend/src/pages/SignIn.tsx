import { Head, useForm } from '@inertiajs/react'
import type { FormEvent } from 'react'
import Card from '../components/Card'
import { Button, Field } from '../components/Field'
import Layout from '../components/Layout'
import { route } from '../generated/routes'
import type { PageProps, SignInForm } from '../generated/types'

export default function SignIn({ next }: PageProps<'SignIn'>) {
  const form = useForm<SignInForm>(route('sign-in.store'), { email: '', password: '', next })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    form.submit({ onError: () => form.reset('password') })
  }
  return (
    <Layout>
      <Head title="Sign in" />
      <div className="mx-auto max-w-sm">
        <Card title="Sign in">
          <form onSubmit={submit} className="space-y-4">
            <Field
              name="email"
              label="E-mail address"
              type="email"
              autoComplete="username"
              autoFocus
              value={form.data.email}
              onChange={(event) => form.setData('email', event.target.value)}
              error={form.errors.email}
            />
            <Field
              name="password"
              label="Password"
              type="password"
              autoComplete="current-password"
              value={form.data.password}
              onChange={(event) => form.setData('password', event.target.value)}
              error={form.errors.password}
            />
            <Button disabled={form.processing}>Sign in</Button>
          </form>
        </Card>
      </div>
    </Layout>
  )
}
