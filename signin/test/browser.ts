// A browser's part of a sign-in, over real HTTP: cookies, redirects, forms.

/** Goes to an address, fills every form as `login`, and returns the last page. */
export async function walk(start: string, login: string): Promise<{ readonly url: string; readonly page: string }> {
  const jar = new Map<string, string>()
  let request: { url: string; body?: URLSearchParams } = { url: start }
  for (let step = 0; step < 30; step++) {
    const response = await visit(request, jar)
    const location = response.headers.get('location')
    if (location !== null) {
      request = { url: new URL(location, request.url).href }
      continue
    }
    const page = await response.text()
    const form = formOf(page, login)
    if (form === undefined) return { url: request.url, page }
    request = { url: new URL(form.action, request.url).href, body: form.fields }
  }
  throw new TypeError('the sign-in went round in circles')
}

async function visit(request: { url: string; body?: URLSearchParams }, jar: Map<string, string>): Promise<Response> {
  const response = await fetch(request.url, {
    method: request.body === undefined ? 'GET' : 'POST',
    redirect: 'manual',
    headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' },
    ...(request.body === undefined ? {} : { body: request.body }),
  })
  for (const cookie of response.headers.getSetCookie()) {
    const [pair = ''] = cookie.split(';')
    jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  }
  return response
}

function formOf(page: string, login: string) {
  const form = /<form[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/.exec(page)
  if (form === null) return undefined
  const fields = new URLSearchParams()
  for (const [input] of (form[2] ?? '').matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]+)"/.exec(input)?.[1]
    if (name === undefined) continue
    const value = /value="([^"]*)"/.exec(input)?.[1] ?? ''
    fields.set(name, name === 'login' ? login : name === 'password' ? 'any' : value)
  }
  return { action: (form[1] ?? '').replaceAll('&amp;', '&'), fields }
}
