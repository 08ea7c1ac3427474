import { describe, expect, it } from 'vitest';
import { fitOf, isEmpty, parseQuery, startsWithTerms } from './query';

describe('parseQuery', () => {
  it.each([
    ['2:17', 2, 17],
    [' 2 : 17 ', 2, 17],
    ['L2 #17', 2, 17],
    ['L2:17', 2, 17],
    ['layer 2, 17', 2, 17],
    ['site 2 17', 2, 17],
    ['lenslet-mini@2-res-2k:17', 2, 17],
    ['/lenslet-mini/2-res-2k/17', 2, 17],
    ['#17', null, 17],
    ['F17', null, 17],
    ['17', null, 17],
    ['layer 2', 2, null],
    ['L2', 2, null],
    ['blocks.2.hook_resid_post', 2, null],
    ['hidden_states[3]', 2, null],
  ])('reads %s as a place', (typed, layer, id) => {
    expect(parseQuery(typed)).toMatchObject({ layer, id });
  });

  it('reads words beside a site, and a number as a word too', () => {
    expect(parseQuery('layer 2 Han characters')).toMatchObject({
      layer: 2,
      id: null,
      terms: ['han', 'characters'],
      token: 'Han characters',
    });
    expect(parseQuery('17').terms).toEqual(['17']);
    expect(parseQuery('#17').terms).toEqual([]);
  });

  it('takes a place of another kind at a layer as words: the features here are the residual’s', () => {
    expect(parseQuery('gemma-2-2b@12-gemmascope-mlp-16k:17')).toMatchObject({ layer: null, id: null });
  });

  it('takes all else as words, without the quotes of labels, each once', () => {
    expect(parseQuery('“The”,  the   KING')).toMatchObject({ layer: null, id: null, terms: ['the', 'king'] });
    expect(parseQuery('2:17 and more').id).toBeNull();
    expect(parseQuery('last lines').layer).toBeNull();
    expect(parseQuery('"').terms).toEqual(['"']);
  });

  it('keeps a token as typed, with drawn signs as what they stand for', () => {
    expect(parseQuery(' King').token).toBe(' King');
    expect(parseQuery('␣的↵').token).toBe(' 的\n');
  });

  it('is nothing for blanks, and reads only so much of a long line', () => {
    expect(isEmpty(parseQuery(''))).toBe(true);
    expect(isEmpty(parseQuery(' \t\n'))).toBe(true);
    expect(isEmpty(parseQuery('a'))).toBe(false);
    expect(parseQuery('x '.repeat(1e6)).terms).toEqual(['x']);
    expect(parseQuery('a b c d e f g h i j k l').terms).toHaveLength(8);
    expect(parseQuery('k'.repeat(1e6)).terms[0]).toHaveLength(200);
  });
});

describe('fitOf', () => {
  it('tells a word from a beginning and from a part, and finds the best of several', () => {
    expect(fitOf('han characters', 'han')).toBe(3);
    expect(fitOf('handle', 'han')).toBe(2);
    expect(fitOf('than', 'han')).toBe(1);
    expect(fitOf('than han', 'han')).toBe(3);
    expect(fitOf('“hand”, “car”', 'hand')).toBe(3);
    expect(fitOf('ton', 'han')).toBe(0);
  });

  it('takes a Han character as a word', () => {
    expect(fitOf('“买的”', '的')).toBe(3);
  });
});

it('a text starts with the words also after a quote', () => {
  expect(startsWithTerms('“the”, “a”', ['the'])).toBe(true);
  expect(startsWithTerms('first lines', ['first', 'lines'])).toBe(true);
  expect(startsWithTerms('after “the”', ['the'])).toBe(false);
});
