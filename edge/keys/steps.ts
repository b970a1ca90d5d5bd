/** The door `@vitalshare/edge/keys/ceremony/node`: the steps of the key ceremony [S10]. */
export {
  type ConfigurationChoice,
  joinWorld,
  makeConfiguration,
  makeOwnIdentity,
} from './ceremony.ts';
export { dealSplitKeys } from './deal.ts';
export { type KeyMessage, KeyMessageError, type KeyMessageFault, parseMessage } from './message.ts';
export { acceptMessages, contributeZero } from './zero-keys.ts';
