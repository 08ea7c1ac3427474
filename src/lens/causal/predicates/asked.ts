import { type Judge, never, verdict } from './judge';
import { needed } from './needs';
import type { Asks, OutcomeOf } from './outcome';

/** Whether P(yes) / (P(yes) + P(no)) reaches `least`, when the model without edits is asked about the text. */
export const asks = ({ template, yes, no, least }: Asks): Judge => ({
  judge({ readings }) {
    const ask = needed(readings?.asked, 'asks', 'the unedited model’s probabilities of both answers');
    const said = ask({ template, yes, no });
    // Equal where both are 0.
    return verdict((said.yes === said.no ? 0.5 : 1 / (1 + Math.exp(said.no - said.yes))) >= least);
  },
  decided: never,
});

/** The label of a sheet that was filled in blind; undecided without one. */
export const sheet = ({ question }: OutcomeOf<'sheet'>): Judge => ({
  judge: ({ readings }) => needed(readings?.label, 'sheet', 'the labels of a sheet that was filled in')(question),
  decided: never,
});
