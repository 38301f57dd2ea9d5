import { Form, useForm, usePage } from '@inertiajs/react'
import Frame from '../Frame'

export default function Forms() {
  return (
    <Frame>
      <SignUp />
      <InABag />
      <Upload />
    </Frame>
  )
}

function SignUp() {
  const form = useForm('post', '/signup', { name: '', email: '' })
  form.setValidationTimeout(50)
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        form.submit({ preserveScroll: true })
      }}
    >
      {(['name', 'email'] as const).map((field) => (
        <label key={field}>
          {field}
          <input id={field} value={form.data[field]} onChange={(e) => form.setData(field, e.target.value)} onBlur={() => form.validate(field)} />
          {form.invalid(field) && <em id={`${field}-error`}>{form.errors[field]}</em>}
          {form.valid(field) && <em id={`${field}-valid`}>fine</em>}
        </label>
      ))}
      <button id="sign-up">Sign up</button>
    </form>
  )
}

function InABag() {
  const { errors } = usePage().props
  return (
    <Form action="/signup" method="post" errorBag="bag" disableWhileProcessing>
      {({ errors: own }) => (
        <>
          <input id="bag-name" name="name" />
          <em id="bag-error">{own.name}</em>
          <em id="bag-page">{JSON.stringify(errors)}</em>
          <button id="bag-send">Send</button>
        </>
      )}
    </Form>
  )
}

function Upload() {
  const form = useForm<{ file: File | null; title: string }>({ file: null, title: 'a file' })
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault()
        form.post('/upload', { onProgress: (p) => void (p?.percentage && window.seen.push('progress')) })
      }}
    >
      <input id="file" type="file" onChange={(e) => form.setData('file', e.target.files?.[0] ?? null)} />
      <button id="upload">Upload</button>
    </form>
  )
}
