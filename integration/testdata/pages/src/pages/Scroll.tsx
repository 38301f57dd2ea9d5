import { InfiniteScroll, WhenVisible } from '@inertiajs/react'
import Frame from '../Frame'

interface Props {
  posts: { data: { id: number }[] }
  below?: string
}

export default function Scroll({ posts, below }: Props) {
  return (
    <>
      <Frame />
      <InfiniteScroll data="posts" buffer={100}>
        {posts.data.map(({ id }) => (
          <p key={id} className="post" style={{ height: 300 }}>
            {id}
          </p>
        ))}
      </InfiniteScroll>
      <WhenVisible data="below" fallback={<p>…</p>}>
        <p id="below">{below}</p>
      </WhenVisible>
    </>
  )
}
