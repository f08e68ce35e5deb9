// Windows on the one request and the one reply that a connection has in hand.
import {
  FuseAccessIn, FuseAttrOut, FuseBatchForgetIn, FuseCopyFileRangeIn, FuseCreateIn, FuseDirent, FuseEntryOut, FuseFallocateIn, FuseFlushIn, FuseForgetIn, FuseForgetOne,
  FuseFsyncIn, FuseGetattrIn, FuseGetxattrIn, FuseGetxattrOut, FuseInHeader, FuseInitIn, FuseInitOut, FuseIoctlIn, FuseIoctlOut, FuseLinkIn, FuseLkIn,
  FuseLkOut, FuseLseekIn, FuseLseekOut, FuseMkdirIn, FuseMknodIn, FuseOpenIn, FuseOpenOut, FuseOutHeader, FusePollIn, FusePollOut, FuseReadIn, FuseReleaseIn,
  FuseRename2In, FuseSetattrIn, FuseSetxattrIn, FuseStatfsOut, FuseWriteIn, FuseWriteOut,
} from '../../abi/fuse.ts';

const IN = FuseInHeader.size, OUT = FuseOutHeader.size;

export function requestViews(b: Uint8Array) {
  return {
    init: FuseInitIn.view(b, IN), getattr: FuseGetattrIn.view(b, IN), setattr: FuseSetattrIn.view(b, IN), mknod: FuseMknodIn.view(b, IN),
    mkdir: FuseMkdirIn.view(b, IN), rename: FuseRename2In.view(b, IN), link: FuseLinkIn.view(b, IN), open: FuseOpenIn.view(b, IN),
    create: FuseCreateIn.view(b, IN), read: FuseReadIn.view(b, IN), write: FuseWriteIn.view(b, IN), release: FuseReleaseIn.view(b, IN),
    flush: FuseFlushIn.view(b, IN), fsync: FuseFsyncIn.view(b, IN), forget: FuseForgetIn.view(b, IN), batch: FuseBatchForgetIn.view(b, IN),
    one: FuseForgetOne.view(b, IN), access: FuseAccessIn.view(b, IN), setxattr: FuseSetxattrIn.view(b, IN), getxattr: FuseGetxattrIn.view(b, IN),
    fallocate: FuseFallocateIn.view(b, IN), lseek: FuseLseekIn.view(b, IN), copy: FuseCopyFileRangeIn.view(b, IN), ioctl: FuseIoctlIn.view(b, IN),
    poll: FusePollIn.view(b, IN), lock: FuseLkIn.view(b, IN),
  };
}

export function replyViews(b: Uint8Array) {
  return {
    init: FuseInitOut.view(b, OUT), entry: FuseEntryOut.view(b, OUT), attr: FuseAttrOut.view(b, OUT), open: FuseOpenOut.view(b, OUT),
    write: FuseWriteOut.view(b, OUT), statfs: FuseStatfsOut.view(b, OUT), dirent: FuseDirent.view(b, OUT), getxattr: FuseGetxattrOut.view(b, OUT),
    lseek: FuseLseekOut.view(b, OUT), ioctl: FuseIoctlOut.view(b, OUT), poll: FusePollOut.view(b, OUT), lock: FuseLkOut.view(b, OUT),
  };
}
