// Just enough XML to answer like S3 and STS.

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** Text made safe inside an element. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (c) => escapes[c] ?? c)
}

/** `<name>text</name>`. */
export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`
}

/** `<name>…</name>` around elements already written. */
export function wrap(name: string, inner: string, attributes = ''): string {
  return `<${name}${attributes}>${inner}</${name}>`
}

/** The declaration that opens a document. */
export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
