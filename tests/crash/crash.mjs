// Crash: every acknowledged write is there after kill -9, and nothing is done by half. The same loop is
// run over servers that are made to write wrongly: each of them must be caught, or the loop proves nothing.
// The last line is `N passed, N failed`.
import { finding } from './finding.mjs';
import { Ledger } from './ledger.mjs';
import { Victim } from './victim.mjs';

const cycles = Number(process.env.FOYER_CYCLES ?? (process.env.FOYER_LONG ? 300 : 15));
const controlCycles = 12; // at most: a control ends when it is caught
const fresh = 25; // cycles that one data folder lives
let passed = 0;
let failed = 0;

// Runs cycles of: start, look at the ledger, write, kill. Gives what was wrong, and stops at the first.
async function loop({ env, count, end = 'SIGKILL', forgive = false, handlers = true }) {
  const figures = { cycles: 0, acknowledged: 0, unanswered: 0, repeated: 0 };
  let victim;
  try {
    while (figures.cycles < count) {
      const ledger = new Ledger();
      victim = new Victim(env, handlers);
      await victim.init();
      await victim.start();
      for (const last = Math.min(count, figures.cycles + fresh); figures.cycles < last;) {
        const { acknowledged, unanswered } = await ledger.write(victim, end);
        figures.cycles += 1;
        figures.acknowledged += acknowledged;
        figures.unanswered += unanswered;
        if (forgive) victim.forgetMark();
        await victim.check();
        await victim.start();
        figures.repeated += await ledger.settle(victim, end);
        await ledger.compare(victim);
      }
      await finish(victim, ledger, handlers);
    }
    return { figures };
  } catch (error) {
    if (!error.finding) throw error;
    return { figures, finding: error.message };
  } finally {
    await victim?.remove();
  }
}

// An orderly end, and the folder is whole.
async function finish(victim, ledger, handlers) {
  const code = await victim.stop();
  if (code !== 0) throw finding(`the server ended with ${code} when it was told to end\n${victim.stderr}`);
  await victim.check();
  await victim.start();
  await ledger.compare(victim);
  if (handlers) await ledger.counted(victim);
  await victim.stop();
  await victim.remove();
}

async function report(name, wanted, run) {
  const began = Date.now();
  try {
    const { figures, finding: found } = await run();
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    const told = `${figures.cycles} cycles, ${figures.acknowledged} acknowledged, `
      + `${figures.unanswered} unanswered of which ${figures.repeated} were done, ${seconds} s`;
    const good = wanted === 'green' ? !found : Boolean(found);
    console.log(`${good ? 'ok' : 'FAIL'} ${name} (${told})`);
    if (wanted === 'red' && found) console.log(`   caught: ${found.split('\n')[0]}`);
    if (!good) console.log(wanted === 'green' ? `    ${found}` : '    the control was not caught: the loop is blind');
    good ? passed++ : failed++;
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n    ${error.stack}`);
  }
}

const third = Math.max(1, Math.round(cycles / 3));
await report('kill_9_loses_nothing_that_was_acknowledged', 'green', () => loop({ count: cycles }));
await report('a_power_cut_loses_nothing_that_was_acknowledged', 'green',
  () => loop({ env: { FOYER_TEST_POWERCUT: 'forget' }, count: third }));
await report('a_power_cut_that_keeps_some_writes_loses_nothing', 'green',
  () => loop({ env: { FOYER_TEST_POWERCUT: 'some' }, count: third }));
await report('an_orderly_end_under_load_loses_nothing', 'green',
  () => loop({ count: third, end: 'SIGTERM' }));
await report('control_synchronous_normal_is_noticed_by_the_mark', 'red',
  () => loop({ env: { FOYER_TEST_POWERCUT: 'forget', FOYER_TEST_SYNCHRONOUS: 'normal' }, count: controlCycles }));
await report('control_synchronous_normal_is_caught', 'red', () => loop({
  env: { FOYER_TEST_POWERCUT: 'forget', FOYER_TEST_SYNCHRONOUS: 'normal' }, count: controlCycles, forgive: true,
}));
await report('control_syncs_that_lie_are_caught', 'red',
  () => loop({ env: { FOYER_TEST_POWERCUT: 'lie' }, count: controlCycles, forgive: true }));
await report('control_early_acknowledgement_is_caught', 'red',
  () => loop({ env: { FOYER_TEST_MISWRITE: 'early_acknowledgement' }, count: controlCycles }));
await report('control_outbox_outside_the_transaction_is_caught', 'red',
  () => loop({ env: { FOYER_TEST_MISWRITE: 'outbox_outside' }, count: controlCycles, handlers: false }));
await report('control_steps_of_handlers_that_are_forgotten_are_caught', 'red',
  () => loop({ env: { FOYER_TEST_MISWRITE: 'steps_forgotten' }, count: controlCycles }));

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
