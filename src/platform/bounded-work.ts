/** So many tasks at a time, in the order they were given; a task that fails is told at the next `add` or at `idle`. */
export class BoundedWork {
  readonly #most: number
  #running = 0
  #failed: { readonly cause: unknown } | undefined
  #waiting: (() => void) | undefined

  constructor(most: number) {
    this.#most = most
  }

  /** Resolves when the task has begun. One caller at a time. */
  async add(task: () => Promise<void>): Promise<void> {
    while (this.#running >= this.#most) await this.#change()
    this.#rethrow()
    this.#running += 1
    void task()
      .catch((cause: unknown) => {
        this.#failed ??= { cause }
      })
      .finally(() => {
        this.#running -= 1
        this.#waiting?.()
      })
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#running > 0) await this.#change()
    this.#rethrow()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  #rethrow(): void {
    if (this.#failed !== undefined) throw this.#failed.cause
  }
}

/** What becomes of each item, in their order, with so many on the way at a time. */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  most: number,
  become: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const ahead: Promise<R>[] = []
  for (const item of items) {
    const made = become(item)
    // Told when its turn comes; until then nobody listens.
    made.catch(() => undefined)
    ahead.push(made)
    const first = ahead.length >= most ? ahead.shift() : undefined
    if (first !== undefined) yield await first
  }
  for (const made of ahead) yield await made
}
