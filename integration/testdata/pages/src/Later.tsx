/** A chunk that a page loads long after it was opened. */
export default function Later() {
  return <p id="later">release 1</p>
}
