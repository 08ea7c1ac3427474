import { dictionaryLearning } from './dictionary-learning';
import type { FolderForm } from './form';
import { gemmaScope } from './gemma-scope';
import { gemmaScope2 } from './gemma-scope-2';
import { saelens } from './saelens';
import { sparsify } from './sparsify';

/** The forms with a folder for each dictionary. Where two share a configuration's name, the first that claims it has it. */
export const FOLDER_FORMS: readonly FolderForm[] = [sparsify, saelens, dictionaryLearning, gemmaScope, gemmaScope2];
