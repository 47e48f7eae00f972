/** One thing of the made day that a newcomer should see, where the console shows it and which command says it. */
export interface StoryStep {
  readonly title: string
  readonly text: string
  /** Below the console's address. */
  readonly path: string
  readonly command: string
}

/** The thread through the made day. @param day `2026-11-23` */
export function storyOf(day: string): readonly StoryStep[] {
  const between = (from: string, to: string) => ({ since: `${day}T${from}:00Z`, until: `${day}T${to}:00Z` })
  const query = (params: Readonly<Record<string, string>>) =>
    new URLSearchParams(params).toString().replaceAll('%3A', ':').replaceAll('%2C', ',')
  const leaked = between('10:00', '10:30')
  const night = between('03:00', '03:30')
  const blind = between('13:00', '14:00')
  return [
    {
      title: 'A leaked key goes round the gateway',
      text: 'At 10:15 three calls came with a Bedrock API key from an address outside. No person is behind them that we know, and no gateway sent them: only CloudTrail and the invocation log can tell.',
      path: `/calls?${query({ verdict: 'bypass', ...leaked })}`,
      command: `triptych calls --verdict bypass --since ${leaked.since} --until ${leaked.until}`,
    },
    {
      title: 'A person works at three in the night',
      text: 'Five large calls to the largest model between 03:10 and 03:18, by one person who works from 11 to 20. All witnesses agree: corroborated does not mean harmless.',
      path: `/calls?${query(night)}`,
      command: `triptych calls --since ${night.since} --until ${night.until}`,
    },
    {
      title: 'A trail is blind for an hour',
      text: 'At 13:00 somebody stopped the trail of eu-west-1, at 13:50 it was started again. Three calls went there meanwhile. The gateway alone saw them, so nothing is said against them, and nothing for them.',
      path: `/coverage?${query({ since: `${day}T00:00:00Z`, until: `${day}T23:59:59Z` })}`,
      command: `triptych calls --verdict uncorroborated --since ${blind.since} --until ${blind.until}`,
    },
  ]
}
