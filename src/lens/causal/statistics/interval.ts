/** An estimate and the limits between which the truth lies, with 95 % confidence where no level is named. */
export interface Interval {
  mean: number;
  low: number;
  high: number;
}

/** The level of every interval that a report prints. */
export const CONFIDENCE = 0.95;
