// Faults of the simulator itself, as opposed to the errors that it plays for AWS.

/** What the simulator could not do. */
export type SimulatorErrorCode =
  | 'SIM_NOT_LISTENING'
  | 'SIM_STATE_UNREADABLE'
  | 'SIM_FAULT_UNKNOWN'
  | 'SIM_MESSAGE_UNKNOWN'
  | 'SIM_OPTION_WRONG'
  | 'SIM_PARENT_SILENT'
  | 'SIM_ESTATE_WRONG'

/** An error of the simulator, known by its code. */
export class SimulatorError extends Error {
  readonly code: SimulatorErrorCode

  constructor(code: SimulatorErrorCode, detail = '') {
    super(detail === '' ? code : `${code}: ${detail}`)
    this.name = 'SimulatorError'
    this.code = code
  }
}
