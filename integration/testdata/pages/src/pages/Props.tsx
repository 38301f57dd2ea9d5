import Frame from '../Frame'

export default function Props() {
  return <Frame />
}
