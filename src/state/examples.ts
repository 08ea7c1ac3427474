export interface Example {
  name: string;
  text: string;
}

/** Written for the project, in the kinds of text that the embedded model was trained on. */
export const examples: readonly Example[] = [
  { name: 'English', text: 'The old man looked at the' },
  { name: 'Chinese', text: '那老人走進門來，看見桌上放著一封信，便' },
  { name: 'Product', text: '7 × 8 =' },
  { name: 'Poem', text: '秋夜\n\n山空月照水，風起葉聲寒。\n' },
  { name: 'Code', text: 'class Reader:\n    def __init__(self, path):\n        self.' },
];
