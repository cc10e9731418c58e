/** Does it once, some time after the last call. */
export function debounced<A extends unknown[]>(act: (...args: A) => void, after: number): ((...args: A) => void) & { cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = (...args: A) => {
    clearTimeout(timer)
    timer = setTimeout(() => act(...args), after)
  }
  return Object.assign(later, { cancel: () => clearTimeout(timer) })
}
