const binaryAndWhole = 0x82;

/**
 * Messages as they go over the wire, from a server and uncompressed (RFC 6455, 5.2): a short head, then the bytes. Asked for the same
 * bytes again it has the message already: what a room says goes to many.
 */
export function createMessageWriter(): (bytes: Uint8Array) => Buffer {
  let last: Uint8Array | null = null;
  let message: Buffer = Buffer.alloc(0);
  return (bytes) => {
    if (bytes !== last) {
      message = write(bytes);
      last = bytes;
    }
    return message;
  };
}

function write(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const headLength = length < 126 ? 2 : length < 2 ** 16 ? 4 : 10;
  const message = Buffer.allocUnsafe(headLength + length);
  message[0] = binaryAndWhole;
  if (headLength === 2) message[1] = length;
  else if (headLength === 4) {
    message[1] = 126;
    message.writeUInt16BE(length, 2);
  } else {
    message[1] = 127;
    message.writeBigUInt64BE(BigInt(length), 2);
  }
  message.set(bytes, headLength);
  return message;
}
