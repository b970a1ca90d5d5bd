/** The door `@vitalshare/cloud-sink/messages`: what gateways, data servers and readers say. */
export { NonceWindow, type NonceWindowOptions } from './nonce-window.ts';
export {
  type RequestToSign,
  type RequestToVerify,
  SignatureError,
  type SignatureFault,
  type SignedBy,
  signRequest,
  verifyRequest,
} from './signature.ts';
