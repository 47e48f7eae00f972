import { expect, test } from 'vitest'
import { z } from 'zod'
import { accessEventSchema } from './access-event.ts'
import { contentRecordSchema } from './content-record.ts'
import { content, fieldsRefused, identity, metadata } from './field-class.ts'
import { gatewayRecordSchemas } from './gateway-call.ts'
import { hubActSchemas } from './hub-act.ts'
import { principalSchema } from './principal.ts'
import { recordForm } from './record-form.ts'

const metadataOnly = ['metadata'] as const

test('every record that reaches a journal or a table is metadata in every field', () => {
  const schemas = {
    ...gatewayRecordSchemas,
    ...hubActSchemas,
    accessEvent: accessEventSchema,
    contentRecord: contentRecordSchema,
  }
  for (const [name, schema] of Object.entries(schemas)) expect(fieldsRefused(schema, metadataOnly), name).toEqual([])
})

test('a place that holds metadata refuses a record with an identity, a content, or an unmarked field', () => {
  const good = { id: metadata(z.string()) }
  const check = (extra: Record<string, z.ZodType>) =>
    recordForm(z.object({ ...good, ...extra }), metadataOnly).check({ id: 'x' })
  expect(check({})).toMatchObject({ ok: true })
  expect(check({ name: identity(z.string().optional()) })).toEqual({ ok: false, fields: 'name' })
  expect(check({ text: content(z.string().optional()) })).toEqual({ ok: false, fields: 'text' })
  expect(check({ forgotten: z.string().optional() })).toEqual({ ok: false, fields: 'forgotten' })
  expect(fieldsRefused(principalSchema, metadataOnly)).toEqual(
    expect.arrayContaining(['subject', 'email', 'name', 'issuer']),
  )
})

test('a field that the form does not know is refused, and free text fits no field of the gateway’s record', () => {
  const form = recordForm(gatewayRecordSchemas['call.refused'], metadataOnly)
  const refusal = {
    call: '0'.repeat(38),
    alias: '',
    code: 'X',
    httpStatus: 401,
    operation: '',
    dialect: 'bedrock',
    model: '',
    region: '',
    account: '',
    team: '',
    project: '',
    bodyBytes: 0,
    startedAt: '2026-11-23T10:00:00Z',
    simulated: true,
  }
  expect(form.check(refusal)).toMatchObject({ ok: true })
  expect(form.check({ ...refusal, prompt: 'x' })).toMatchObject({ ok: false })
  for (const field of ['call', 'alias', 'code', 'operation', 'model', 'region', 'account', 'startedAt']) {
    expect(form.check({ ...refusal, [field]: 'please write me a poem, dear model!' }), field).toEqual({
      ok: false,
      fields: field,
    })
  }
})
