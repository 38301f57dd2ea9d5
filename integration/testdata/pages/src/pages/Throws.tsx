import Frame from '../Frame'

/** Throws as it is told. */
export default function Throws({ what }: { what: string | null }) {
  if (what !== null) throw new Error(what)
  return <Frame />
}
