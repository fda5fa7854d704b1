/**
 * The image: every first value that program and statement fix, as a table that the verifier computes.
 *
 * Each entry is sent exactly once, so each needs its row in the boundary, touched or not.
 */

import { ChipBuilder, type ChipDescription } from '../stark/air/chip.ts';
import { imageBus } from './buses.ts';

export const imageTable: ChipDescription = describe();

/** Columns of the image table: present, space, address and four limbs. */
export const IMAGE_COLUMNS = 7;

function describe(): ChipDescription {
  const chip = new ChipBuilder('image-table');
  const isPresent = chip.fixedColumn('isPresent', '1 in rows with an entry');
  const space = chip.fixedColumn('space', 'space of the cell');
  const address = chip.fixedColumn('address', 'address of the cell');
  const limbs = Array.from({ length: 4 }, (_, i) =>
    chip.fixedColumn(`limb${i}`, `limb ${i} of the value`),
  );
  // Every table has a committed column; this one can only repeat what is fixed.
  const sent = chip.column('sent', 'how often the entry is sent');
  chip.equal('each entry once', sent, isPresent);
  chip.send('entry', imageBus, [space, address, ...limbs], sent);
  return chip.build({
    assumes: [],
    proves: ['each entry of the image starts its cell'],
    fixedSource: 'program',
    instances: 'one',
  });
}
