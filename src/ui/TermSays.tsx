import { GLOSSARY } from './glossary';
import { TERMS, type TermId } from './terms';

/** A term's meaning and where more of it stands. */
export default function TermSays({ id }: { id: TermId }) {
  return (
    <>
      <b>{TERMS[id]}</b> {GLOSSARY[id].says} <Source {...GLOSSARY[id].source} />
    </>
  );
}

/** All terms. */
export function Glossary() {
  return (
    <section className="glossary" data-testid="glossary">
      <h3>Terms</h3>
      <dl>
        {(Object.keys(TERMS) as TermId[]).map((id) => (
          <div key={id}>
            <dt>{TERMS[id]}</dt>
            <dd>
              {GLOSSARY[id].says} <Source {...GLOSSARY[id].source} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Source({ name, href }: { name: string; href: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {name}
    </a>
  );
}
