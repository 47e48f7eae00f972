import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { storyQuery } from '../api/queries.ts'
import { CopyButton } from '../calls/copy-button.tsx'
import { parseSearchText } from '../view/search-text.ts'

/** What to look for in the made day; each step leads to its calls, here and on the command line. */
export function Story() {
  const { data } = useQuery(storyQuery)
  if (data === undefined || data.steps.length === 0) return null
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>Start here: the simulated day{data.day === null ? '' : ` ${data.day}`}</h2>
      </div>
      <ol className="story">
        {data.steps.map(({ title, text, path, command }) => (
          <li key={title}>
            <StepLink path={path} title={title} />
            <p className="story-text">{text}</p>
            <CopyButton text={`npx ${command}`} what="the command" label="Copy the command for the terminal" />
          </li>
        ))}
      </ol>
    </section>
  )
}

function StepLink({ path, title }: { readonly path: string; readonly title: string }) {
  const [page = '', query = ''] = path.split('?')
  const to = page === '/coverage' ? '/coverage' : '/calls'
  return (
    <Link to={to} search={parseSearchText(query)}>
      {title}
    </Link>
  )
}
