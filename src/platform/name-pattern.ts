/** Whether a name matches a pattern in which `*` stands for anything; an empty name matches nothing. */
export function namePattern(pattern: string): (name: string) => boolean {
  const expression = new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`, 's')
  return (name) => name !== '' && expression.test(name)
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
