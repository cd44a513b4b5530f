/** Guest programs of the tests: how their sources are made into images, and where the images are found. */
package jkvm.guest;
