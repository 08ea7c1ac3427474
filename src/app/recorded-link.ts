/** The fragment that the page has while it shows its recording and nothing else was touched. Written by
 *  `scripts/page/record.mjs`. */
export const RECORDED_LINK =
  'u=NTkgw5cgNSA9IA&s=0&t=5&f=650&e=0:650k1,2:1217k1,2:1079k1,3:151k1,3:1296k1&g=0.7,0.95,16,28';
