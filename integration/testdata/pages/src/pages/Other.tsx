import Frame from '../Frame'

export default function Other() {
  return (
    <Frame>
      <h1 id="other">release 1</h1>
    </Frame>
  )
}
