/** The fragment that the page has while it shows its recording and nothing else was touched. Written by
 *  `scripts/page/record.mjs`. */
export const RECORDED_LINK =
  'u=V2hlcmUgaXMgdGhlIGtleSB0byB0aGUgZ2FyZGVuPwroirHlm63nmoTpkqXljJnlnKjlk6rph4zvvJ8KTXkgdW5jbGUgc2VsbHMgb2xkIGNsb2Nrcy4K5oiR5Y-U5Y-U5Y2W5pen6ZKf44CCClRoZSBjaGlsZHJlbiBhcmUgd2FpdGluZyBmb3IgdGhlIGJ1cy4K&s=3&t=37&f=1600&e=3:1600a-3&g=0.7,0.95,16,24';
