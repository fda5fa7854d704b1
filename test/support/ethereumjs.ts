/**
 * The reference EVM: `@ethereumjs/evm` at Osaka, one instance for all cases.
 *
 * Opcodes that Braid does not support yet are replaced by one that halts with a mark of its own, so that both sides
 * can be compared on whether, and at which opcode, a run comes to one.
 */

import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM, EVMError } from '@ethereumjs/evm';
import { bigIntToBytes, createAddressFromBigInt, setLengthLeft } from '@ethereumjs/util';
import type { EvmEnvironment } from '../../src/frontends/evm/environment.ts';
import { opcodes } from '../../src/frontends/evm/opcodes.ts';
import type { StatusName } from '../../src/isa/status.ts';

export interface ReferenceOutcome {
  readonly status: StatusName;
  /** The reference's own words, for messages; of `unsupported` the opcode byte. */
  readonly detail: string;
  readonly gasLeft: bigint;
  readonly output: Uint8Array;
}

const MARK = 'unsupported opcode ';

export async function createReference(): Promise<EVM> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Osaka });
  const evm = await createEVM({ common });
  const map: { opcodeInfo: object; opHandler: unknown; gasHandler: unknown }[] = Reflect.get(
    evm,
    '_opcodeMap',
  );
  for (const { byte, unsupported } of opcodes) {
    if (unsupported === undefined) continue;
    map[byte] = {
      opcodeInfo: Object.assign(Object.create(Object.getPrototypeOf(map[byte]!.opcodeInfo)), {
        ...map[byte]!.opcodeInfo,
        dynamicGas: true,
      }),
      opHandler: map[byte]!.opHandler,
      gasHandler: () => {
        const error = new EVMError(EVMError.errorMessages.INVALID_OPCODE);
        Reflect.set(error, 'error', `${MARK}${byte}`);
        throw error;
      },
    };
  }
  return evm;
}

/** What both sides agree on before they run. */
export const testEnvironment: Required<EvmEnvironment> = {
  address: 0x1234567890abcdef1234567890abcdef12345678n,
  origin: 0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaan,
  caller: 0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbn,
  callValue: 123456789012345678901234567890n,
  gasPrice: 7n,
  coinbase: 0xccccccccccccccccccccccccccccccccccccccccn,
  timestamp: 1_700_000_000n,
  blockNumber: 20_000_000n,
  prevRandao: 2n ** 256n - 12345n,
  blockGasLimit: 30_000_000n,
  chainId: 1n,
  baseFee: 9n,
  blobBaseFee: 3n,
};

export async function runReference(
  evm: EVM,
  code: Uint8Array,
  gas: bigint,
  data: Uint8Array,
  environment = testEnvironment,
): Promise<ReferenceOutcome> {
  const result = await evm.runCode({
    code,
    data,
    gasLimit: gas,
    to: createAddressFromBigInt(environment.address),
    caller: createAddressFromBigInt(environment.caller),
    origin: createAddressFromBigInt(environment.origin),
    value: environment.callValue,
    gasPrice: environment.gasPrice,
    block: {
      header: {
        number: environment.blockNumber,
        coinbase: createAddressFromBigInt(environment.coinbase),
        timestamp: environment.timestamp,
        difficulty: 0n,
        prevRandao: setLengthLeft(bigIntToBytes(environment.prevRandao), 32),
        gasLimit: environment.blockGasLimit,
        baseFeePerGas: environment.baseFee,
        slotNumber: 0n,
        getBlobGasPrice: () => environment.blobBaseFee,
      },
    },
  });
  const detail = result.exceptionError?.error ?? '';
  return {
    status: statusOfReference(detail),
    detail: detail.startsWith(MARK) ? detail.slice(MARK.length) : detail,
    gasLeft: gas - result.executionGasUsed,
    output: result.returnValue,
  };
}

function statusOfReference(error: string): StatusName {
  if (error === '') return 'returned';
  if (error.startsWith(MARK)) return 'unsupported';
  switch (error) {
    case EVMError.errorMessages.REVERT:
      return 'reverted';
    case EVMError.errorMessages.OUT_OF_GAS:
      return 'outOfGas';
    default:
      return 'invalid';
  }
}
