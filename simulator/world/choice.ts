/** How many servers, and how many of them may collude: what the user chose, checked in words. */
import { UserError } from '@vitalshare/edge/command/node';
import { checkConfig, type SharingConfig, SharingError } from '@vitalshare/edge/sharing';

/** Throws UserError 2 where --servers and --threshold do not go together [SHARE-2]. */
export function checkSharing({ servers, threshold }: SharingConfig): void {
  try {
    checkConfig({ servers, threshold });
  } catch (error) {
    if (!(error instanceof SharingError)) throw error;
    throw new UserError(`${error.message}.`, 2);
  }
}
