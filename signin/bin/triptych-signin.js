#!/usr/bin/env node
import { runHere } from '../dist/run.js'

process.exitCode = await runHere(process.argv.slice(2))
