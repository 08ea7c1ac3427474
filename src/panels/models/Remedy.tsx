import { useEffect, useRef } from 'react';
import type { OpenRequest } from '../../lens/api/request';
import { noteChoices, rememberK, type Wanted, withDictionary } from '../../state/model/choices';
import { useBench } from '../use-workbench';
import { openRequest } from './actions';
import { ChooseDictionary } from './ChooseDictionary';
import { LeftOut } from './LeftOut';
import { SayK } from './SayK';

/** Asks for what an opening waits for, and opens again with the answer. Takes the focus where nothing has it; with the
 *  answer the question goes, and leaves it to the part around it that stays. */
export default function Remedy({ wanted, request }: { wanted: Wanted; request: OpenRequest }) {
  const bench = useBench();
  useEffect(() => {
    if (wanted.kind === 'dictionary') noteChoices(request, wanted.choices);
  }, [wanted, request]);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (document.activeElement?.contains(place.current))
      place.current?.querySelector<HTMLElement>('select, input')?.focus({ preventScroll: true });
  }, []);
  const open = (next: OpenRequest) => {
    openRequest(bench, next);
    place.current?.closest<HTMLElement>('[tabindex="-1"]')?.focus({ preventScroll: true });
  };
  const openWith = (k: number) => {
    const next = { ...request, k };
    rememberK(next);
    open(next);
  };
  return (
    <div ref={place}>
      {wanted.kind === 'dictionary' ? (
        <>
          <ChooseDictionary {...wanted} onChoose={(choice) => open(withDictionary(request, choice))} />
          <LeftOut says={wanted.left} />
        </>
      ) : (
        <SayK most={wanted.most} request={request} onSay={openWith} />
      )}
    </div>
  );
}
