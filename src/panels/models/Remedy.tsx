import { useEffect } from 'react';
import type { OpenRequest } from '../../lens/api/request';
import { noteChoices, rememberK, type Wanted, withDictionary } from '../../state/model/choices';
import { useBench } from '../use-workbench';
import { openRequest } from './actions';
import { ChooseDictionary } from './ChooseDictionary';
import { LeftOut } from './LeftOut';
import { SayK } from './SayK';

/** Asks for what an opening waits for, and opens again with the answer. */
export default function Remedy({ wanted, request }: { wanted: Wanted; request: OpenRequest }) {
  const bench = useBench();
  useEffect(() => {
    if (wanted.kind === 'dictionary') noteChoices(request, wanted.choices);
  }, [wanted, request]);
  if (wanted.kind === 'dictionary')
    return (
      <>
        <ChooseDictionary {...wanted} onChoose={(choice) => openRequest(bench, withDictionary(request, choice))} />
        <LeftOut says={wanted.left} />
      </>
    );
  const open = (k: number) => {
    const next = { ...request, k };
    rememberK(next);
    openRequest(bench, next);
  };
  return <SayK most={wanted.most} request={request} onSay={open} />;
}
